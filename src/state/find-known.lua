-- Finds the items of which the seen set holds one of two keys. Changes nothing.
--
-- KEYS[1]  seen set, current
-- KEYS[2]  seen set, previous
-- ARGV     two keys for each item, each may be ''
--
-- Returns the indexes of these items, beginning at 0.
local known = {}
for i = 1, #ARGV, 2 do
  for j = i, i + 1 do
    if ARGV[j] ~= '' and contains(KEYS[1], KEYS[2], ARGV[j]) then
      known[#known + 1] = (i - 1) / 2
      break
    end
  end
end
return known
