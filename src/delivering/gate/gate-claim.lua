-- Claims attempts, each with the deliveries of one POST. Returns for each {1, probe, afterMs,
-- delivered}, or {0} if it must wait. `delivered` are the indexes of the deliveries that are in the
-- ledger.
-- KEYS: gate, ledger's current set, ledger's previous set
-- ARGV: those of gate-state.lua, the claim (reserve, reserved, probing), then of each attempt the
--       number of its deliveries and their keys
local gate, current, previous = unpack(KEYS)
local claim = ARGV[5]

local function admit(from, count)
  local delivered = {}
  for i = 0, count - 1 do
    if contains(current, previous, ARGV[from + i]) then delivered[#delivered + 1] = i end
  end
  if #delivered == count then return {1, 0, 0, delivered} end

  local closedMs, held, afterMs = closed(gate, claim == 'probing')
  if closedMs > 0 then return {0} end
  if paceMs > 0 and claim == 'reserve' then
    local nextMs = afterMs + paceMs
    redis.call('HSET', gate, 'nextAt', now + nextMs, 'nextMs', nextMs)
  else
    afterMs = 0
  end
  if held then redis.call('HSET', gate, 'probeUntil', now + afterMs + probeLeaseMs) end
  return {1, held and 1 or 0, afterMs, delivered}
end

local answers, at = {}, 6
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  answers[#answers + 1] = admit(at + 1, count)
  at = at + 1 + count
end
return answers
