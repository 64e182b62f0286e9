-- Finds the mentions of a window that are not in the seen set. Adds the keys of the others to
-- `current` again, because a mention is kept from the last time that a window showed it.
--
-- KEYS[1]  seen set, current
-- KEYS[2]  seen set, previous
-- KEYS[3]  state
-- ARGV[1]  size of a generation, in keys
-- ARGV[2]  and on: for n mentions n own keys, then n permalink keys, then n recovered keys; a key
--          that a mention does not have is ''
--
-- Returns {indexes of unseen mentions, indexes of those that a sweep found before, version of the
-- state, newestSpottedAtMs, milliseconds since the last marked poll or -1, keysSinceMs, 1 if a poll was
-- marked since then, else 0, DEDUPE_BY of the last marked poll}. Indexes begin at 0.
local current, previous, state = unpack(KEYS)
local count = (#ARGV - 1) / 3
local again, unseen, recovered = {}, {}, {}
for i = 1, count do
  local own, permalink, found = ARGV[1 + i], ARGV[1 + count + i], ARGV[1 + 2 * count + i]
  if contains(current, previous, own) then
    again[#again + 1] = own
    if permalink ~= '' then again[#again + 1] = permalink end
  elseif found ~= '' and contains(current, previous, found) then
    recovered[#recovered + 1] = i - 1
  else
    unseen[#unseen + 1] = i - 1
  end
end
if #again > 0 then
  add(current, again)
  rotateSeen(current, previous, state, ARGV[1])
end
local known = redis.call('HMGET', state, 'version', 'newestSpottedAtMs', 'markedAtMs', 'keysSinceMs', 'dedupeBy')
-- Less than zero: the clock went back, and nothing is known.
local sinceLast = known[3] and math.max(-1, now - known[3]) or -1
local marked = known[3] and known[4] and tonumber(known[3]) >= tonumber(known[4]) and 1 or 0
return {unseen, recovered, known[1], known[2], sinceLast, known[4], marked, known[5]}
