-- Names some lanes and some dead letters of a target in one partition, leased or not. Apart from drop, because which keys
-- drop will touch is not known before, and a cluster wants every key declared.
--
-- KEYS  1 w  2 x
-- ARGV  1 how many of each at most
-- Answer  {how many lanes;  the lanes;  the dead letters}
local lanes = redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1)
local dead = redis.call('ZRANGE', KEYS[2], 0, ARGV[1] - 1)
local answer = { #lanes }
for _, lane in ipairs(lanes) do answer[#answer + 1] = lane end
for _, letter in ipairs(dead) do answer[#answer + 1] = letter end
return answer
