-- Goes before a script that uses a generational set: a set that remembers at least `size` members and
-- forgets the oldest. It is two ordinary Redis sets, `current` and `previous`. When `current` reaches
-- the size it becomes `previous`, and the old `previous` is dropped. Nothing expires by time.
-- No keys or arguments of its own: the script passes the names of the two sets to these functions.

local function contains(current, previous, member)
  return redis.call('SISMEMBER', current, member) == 1 or redis.call('SISMEMBER', previous, member) == 1
end

-- Call after members were added. Returns true if the generations changed.
local function rotate(current, previous, size)
  if redis.call('SCARD', current) >= tonumber(size) then
    redis.call('RENAME', current, previous)
    return true
  end
  return false
end
