-- Goes after now.lua, before a script that reads the pause of an operator.

-- Returns the pause of an operator: when it began, when it ends (0: when somebody ends it), and the
-- milliseconds until then. Returns nil if there is none. After a clock went back it lasts no longer than
-- it was meant to.
local function operatorPause(since, untilMs, lengthMs)
  if not since then return nil end
  local began = math.min(tonumber(since), now)
  if not untilMs then return {since = began, ends = 0, leftMs = math.huge} end
  local leftMs = math.min(tonumber(untilMs) - now, tonumber(lengthMs or 0))
  if leftMs <= 0 then return nil end
  return {since = began, ends = now + leftMs, leftMs = leftMs}
end
