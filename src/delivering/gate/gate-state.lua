-- Goes after now.lua and operator-pause-state.lua, before a script of the gate. Times are Redis's own, so
-- the clocks of replicas do not matter.
-- ARGV[1..4]: milliseconds of a probe's lease, milliseconds between two attempts (0 for no pace),
--             milliseconds of the longest hold, digest of the webhook's URL
local probeLeaseMs, paceMs, maxHoldMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local MAX_PAUSE_MS = 3600000

-- Returns the milliseconds until a kept time. A time that lies further ahead than it was kept for
-- is from before the clock went back: its wait begins again.
local function left(gate, field, kept, longestMs)
  local leftMs = tonumber(kept or 0) - now
  if leftMs <= longestMs then return leftMs end
  redis.call('HSET', gate, field, now + longestMs)
  return longestMs
end

-- Returns the milliseconds for which an operator's pause keeps attempts away; 0 if there is none. What a
-- clock that went back made too long begins again. A pause that is over is forgotten; nothing could probe
-- the webhook meanwhile, so its hold counts from then.
local function pausedByOperator(gate, since, untilMs, lengthMs, heldSince)
  if not since then return 0 end
  local pause = operatorPause(since, untilMs, lengthMs)
  if not pause then
    redis.call('HDEL', gate, 'operatorSince', 'operatorUntil', 'operatorMs')
    if heldSince then redis.call('HSET', gate, 'heldSince', now) end
    return 0
  end
  if pause.since < tonumber(since) then redis.call('HSET', gate, 'operatorSince', pause.since) end
  if pause.ends > 0 and pause.ends < tonumber(untilMs) then redis.call('HSET', gate, 'operatorUntil', pause.ends) end
  return math.min(pause.leftMs, MAX_PAUSE_MS)
end

-- Returns the milliseconds until an attempt is allowed, whether the webhook is held, and the
-- milliseconds until its pace allows the next attempt. `probing` is true for a probe.
local function closed(gate, probing)
  local state = redis.call('HMGET', gate, 'pausedUntil', 'pauseMs', 'heldUntil', 'holdMs', 'probeUntil',
    'nextAt', 'nextMs', 'heldSince', 'goneUrl', 'operatorSince', 'operatorUntil', 'operatorMs')
  local pausedUntil, pauseMs, heldUntil, holdMs, probeUntil, nextAt, nextMs, heldSince, goneUrl = unpack(state)
  -- Until an operator resumes the webhook, or its URL changes.
  if goneUrl == ARGV[4] then return MAX_PAUSE_MS, heldUntil and true, 0 end
  if heldSince and tonumber(heldSince) > now then redis.call('HSET', gate, 'heldSince', now) end
  local operatorMs = pausedByOperator(gate, state[10], state[11], state[12], heldSince)
  if operatorMs > 0 then return operatorMs, heldUntil and true, 0 end

  local pausedMs = left(gate, 'pausedUntil', pausedUntil, tonumber(pauseMs or MAX_PAUSE_MS))
  local heldMs = left(gate, 'heldUntil', heldUntil, math.min(tonumber(holdMs or maxHoldMs), maxHoldMs))
  local pacedMs = paceMs > 0 and math.max(0, left(gate, 'nextAt', nextAt, tonumber(nextMs or paceMs))) or 0
  local closedMs = math.max(pausedMs, heldMs, 0)
  if closedMs == 0 and heldUntil and not probing then
    local probedMs = left(gate, 'probeUntil', probeUntil, pacedMs + probeLeaseMs)
    -- A probe usually ends sooner than its lease.
    closedMs = math.max(0, math.min(probedMs, 1000))
  end
  return closedMs, heldUntil and true, pacedMs
end
