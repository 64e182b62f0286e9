/**
 * Lua for a set that remembers at least `size` members and forgets the oldest, in two ordinary
 * Redis sets: `current`, and the one before it. When `current` reaches the size it becomes
 * `previous`, and the old `previous` goes. Nothing expires by time.
 */

/** Defines `contains(current, previous, member)`. */
export const LUA_CONTAINS = `
local function contains(current, previous, member)
  return redis.call('SISMEMBER', current, member) == 1 or redis.call('SISMEMBER', previous, member) == 1
end
`;

/**
 * Defines `rotate(current, previous, size)`, to be called after members were added. It says whether
 * the generations changed.
 */
export const LUA_ROTATE = `
local function rotate(current, previous, size)
  if redis.call('SCARD', current) >= tonumber(size) then
    redis.call('RENAME', current, previous)
    return true
  end
  return false
end
`;
