-- Puts an event into some more of its lanes, and ends its spreading with the last of them. Leases none: whoever has room claims.
--
-- KEYS  1 m  2 l  3 due  4 n  5 t  6 spreading  7 rest of the lanes;  then per lane: q, w, a
-- ARGV  1 event id  2 what the event is in order with;  then per lane: lane, target
-- Answer  1, or 0 when these lanes are not the next ones: another gateway has gone on
--
-- Keeps: each lane gets the event once, whoever spreads it and however often.
local rest = KEYS[7]
local lanes = { m = KEYS[1], l = KEYS[2], due = KEYS[3], n = KEYS[4] }
local at, id = now(), ARGV[1]
local count = (#ARGV - 2) / 2

-- With none named and none left there is nothing to wait for, also when Redis has lost the rest.
local next_ones = redis.call('LRANGE', rest, 0, count - 1)
if redis.call('HGET', KEYS[6], ARGV[2]) ~= id or #next_ones < count then return 0 end
for i = 1, count do
  if next_ones[i] ~= ARGV[1 + 2 * i] then return 0 end
end

for i = 1, count do
  local lane, target = ARGV[1 + 2 * i], ARGV[2 + 2 * i]
  local in_target = { q = KEYS[5 + 3 * i], w = KEYS[6 + 3 * i], a = KEYS[7 + 3 * i] }
  local held = tonumber(redis.call('HGET', KEYS[5], target) or '0')
  append(lanes, in_target, lane, target, id, at, held, false, 0)
  redis.call('LPOP', rest)
end
if redis.call('EXISTS', rest) == 0 then redis.call('HDEL', KEYS[6], ARGV[2]) end
return 1
