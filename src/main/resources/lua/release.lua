-- Hands a lease back with nothing settled: the lane is ready for any gateway at once, and no attempt is counted.
--
-- KEYS  1 w  2 l  3 e  4 due  5 a  6 n  7 q  8 t
-- ARGV  1 target  2 lane  3 token
-- Answer  1, or 0 when the lease was no longer the asking gateway's
local w, l, e, due, a, n, q, t = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local target, lane = ARGV[1], ARGV[2]
local record = read_lane(l, lane)
if not record or record.token ~= ARGV[3] then return 0 end
local at = now()
redis.call('PERSIST', w)
redis.call('ZADD', a, accepted_at(redis.call('HGET', e, redis.call('LINDEX', q, 0))), lane)
write_lane(l, lane, '0', record.attempts, '', record.reason)
count(n, 'leased', target, -1)
if record.parks then
  park(w, l, n, lane, target, record.skips)
  return 1
end
redis.call('ZADD', w, at, lane)
due_by(due, target, math.max(at, tonumber(redis.call('HGET', t, target) or '0')))
return 1
