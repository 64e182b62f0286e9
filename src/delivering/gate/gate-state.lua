-- Goes after now.lua, before a script of the gate. Times are Redis's own, so the clocks of replicas
-- do not matter.
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

-- Returns the milliseconds until an attempt is allowed, whether the webhook is held, and the
-- milliseconds until its pace allows the next attempt. `probing` is true for a probe.
local function closed(gate, probing)
  local state = redis.call('HMGET', gate, 'pausedUntil', 'pauseMs', 'heldUntil', 'holdMs', 'probeUntil',
    'nextAt', 'nextMs', 'heldSince', 'goneUrl')
  local pausedUntil, pauseMs, heldUntil, holdMs, probeUntil, nextAt, nextMs, heldSince, goneUrl = unpack(state)
  -- Until an operator resumes the webhook, or its URL changes.
  if goneUrl == ARGV[4] then return MAX_PAUSE_MS, heldUntil and true, 0 end
  if heldSince and tonumber(heldSince) > now then redis.call('HSET', gate, 'heldSince', now) end

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
