-- Records how the data is laid out, the first time; from then on tells where a gateway's settings differ from it.
--
-- KEYS  1 layout
-- ARGV  field, value ...
-- Answer  per field that differs: field, recorded value
--
-- Keeps: all gateways find an event's lane, its dedup entry and its sequence in the same place, for the life of the data.
local answer = {}
for i = 1, #ARGV, 2 do
  local recorded = redis.call('HGET', KEYS[1], ARGV[i])
  if not recorded then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  elseif recorded ~= ARGV[i + 1] then
    answer[#answer + 1] = ARGV[i]
    answer[#answer + 1] = recorded
  end
end
return answer
