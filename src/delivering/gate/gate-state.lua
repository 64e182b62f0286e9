-- Defines `closed(gate, probing)`, which returns the milliseconds until an attempt is allowed,
-- whether the webhook is held, and when its pace allows the next attempt. `probing` is true for a
-- probe. Goes after now.lua. Times are Redis's own, so the clocks of replicas do not matter.
local function closed(gate, probing)
  local state = redis.call('HMGET', gate, 'pausedUntil', 'heldUntil', 'probeUntil', 'nextAt')
  for i = 1, 4 do state[i] = tonumber(state[i] or 0) end
  local pausedUntil, heldUntil, probeUntil, nextAt = unpack(state)
  local closedMs = math.max(pausedUntil - now, heldUntil - now, 0)
  -- A probe usually ends sooner than its lease.
  if closedMs == 0 and heldUntil > 0 and probeUntil > now and not probing then
    closedMs = math.min(probeUntil - now, 1000)
  end
  return closedMs, heldUntil > 0, nextAt
end
