-- Tells dead letters.
--
-- KEYS  1 e  2 why;  then per letter: x
-- ARGV  1 how many bytes of each stored event at most;  then the letters
-- Answer  per letter, all empty where there is none: when it was set aside, how often it was attempted, why, how large its stored event
--       is, the beginning of that
local answer = {}
for i = 2, #ARGV do
  local letter = ARGV[i]
  local told = { '', '', '', '', '' }
  local set_aside = redis.call('ZSCORE', KEYS[1 + i], letter)
  if set_aside then
    local attempts, reason = string.match(redis.call('HGET', KEYS[2], letter) or '0:', '^(%d+):(.*)$')
    local stored = redis.call('HGET', KEYS[1], string.match(letter, '([^|]*)$')) or ''
    told = { set_aside, attempts, reason, #stored, string.sub(stored, 1, tonumber(ARGV[1])) }
  end
  for _, value in ipairs(told) do answer[#answer + 1] = value end
end
return answer
