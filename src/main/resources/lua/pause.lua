-- Pauses a target, or resumes it, or only tells which are paused.
--
-- KEYS  1 paused
-- ARGV  1 target; empty for none  2 why; empty to resume it
-- Answer  {a paused target, why ...}
--
-- Keeps: what is paused already stays so for the first reason.
-- Changes nothing, but a full Redis lets a script through whose first write needs no memory.
redis.call('PERSIST', KEYS[1])
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
end
return redis.call('HGETALL', KEYS[1])
