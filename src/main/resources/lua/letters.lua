-- Tells some dead letters of some targets or sources, of each those first that were set aside first.
--
-- KEYS  per target: x
-- ARGV  1 from when they were set aside on, in ms  2 of those set aside then only letters whose name is behind this one  3 up to when
--       4 how many of each target at most;  then the targets, those of a source as @ and its name
-- Answer  per target: when the last one was set aside and its name, both empty when there are no more;  how many;  then per letter: when
--       it was set aside, its name
--
-- A letter's name tells whose it is: that of a target begins with its lane, that of a source with @ and the source.
local from, after, till, most = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local answer = {}
for i = 5, #ARGV do
  local found, place = {}, 0
  while #found < 2 * most do
    local some = redis.call('ZRANGEBYSCORE', KEYS[i - 4], from, till, 'WITHSCORES', 'LIMIT', place, 2 * most)
    if #some == 0 then break end
    place = place + #some / 2
    for j = 1, #some, 2 do
      local name = string.sub(some[j], 1, 1) == '|' and ARGV[i] .. some[j] or some[j]
      if #found < 2 * most and (tonumber(some[j + 1]) > from or is_behind(name, after)) then
        found[#found + 1] = some[j + 1]
        found[#found + 1] = name
      end
    end
  end
  local is_full = #found == 2 * most
  answer[#answer + 1] = is_full and found[#found - 1] or ''
  answer[#answer + 1] = is_full and found[#found] or ''
  answer[#answer + 1] = #found / 2
  for _, value in ipairs(found) do answer[#answer + 1] = value end
end
return answer
