-- Drops lanes and dead letters of a target that is no more, a bounded part at a time.
--
-- KEYS  1 w  2 a  3 x  4 l  5 e  6 n  7 why  8 due  9 t  10 x of all registered webhooks;  then per lane: q, latest
-- ARGV  1 target  2 how many events at most  3 how many lanes;  the lanes;  then the dead letters
-- Answer  how many events and dead letters are gone
--
-- Keeps: an attempt that is under way finds its token gone when it settles, and changes nothing; what other targets still need
-- of an event stays. Begins with a write that needs no memory: a full Redis is relieved.
local w, a, x, l, e, n, why, due, t = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local target, most, lanes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local gone = 0
redis.call('PERSIST', w)

for i = 1, lanes do
  local lane, q, latest = ARGV[3 + i], KEYS[9 + 2 * i], KEYS[10 + 2 * i]
  local record = read_lane(l, lane)
  if record and record.token ~= '0' then
    write_lane(l, lane, '0', record.attempts, '', record.reason)
    count(n, 'leased', target, -1)
  end
  while gone < most do
    local id = redis.call('LPOP', q)
    if not id then break end
    tally(n, 'queued', target, -1, 0 - redis.call('HSTRLEN', e, id))
    unneed(e, id)
    gone = gone + 1
  end
  if redis.call('EXISTS', q) == 0 then
    if redis.call('ZSCORE', w, lane) == 'inf' then count_registered(n, 'parked', target, -1) end
    remove_lane(l, w, a, n, latest, lane, target)
  end
end

for i = 4 + lanes, #ARGV do
  if gone >= most then break end
  if drop_dead({ e = e, n = n, why = why, every = KEYS[10] }, x, target, ARGV[i]) then gone = gone + 1 end
end

if redis.call('EXISTS', w) == 0 then
  redis.call('ZREM', due, target)
  redis.call('HDEL', t, target)
end
return gone
