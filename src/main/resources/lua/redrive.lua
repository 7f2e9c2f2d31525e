-- Puts events that were set aside back into their lane, all of them in one step.
--
-- KEYS  1 q  2 w  3 l  4 e  5 due  6 t  7 x  8 a  9 n  10 why  11 history  12 ends of history  13 the job's progress
-- ARGV  1 target  2 lane  3 front or back  4 for how many ms the history is kept, 0 for not at all  5 for how many ms the progress is
--       kept;  then the events, in the order of their sequence
-- Answer  how many were put back, how many the job has put back in this partition by now
--
-- Keeps: each is put back once, however often it is asked for; the head that is in flight stays first, and is followed by no event of a
-- lower sequence that comes to the front; what Redis has lost the body of stays where it is. Begins with a write that needs no memory.
local q, w, l, e, due, t, x, a, n, why =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local target, lane, kept = ARGV[1], ARGV[2], tonumber(ARGV[4])
local at = now()
local held = tonumber(redis.call('HGET', t, target) or '0')
redis.call('PERSIST', w)

local moved = {}
for i = 6, #ARGV do
  local id = ARGV[i]
  if redis.call('HEXISTS', e, id) == 1 and take_dead({ e = e, n = n, why = why }, x, target, lane .. '|' .. id) then
    remember(KEYS[11], KEYS[12], lane, id, at, 'redriven', '', kept)
    moved[#moved + 1] = id
  end
end

local function sequence(id) return tonumber(string.match(id, '(%d+)$')) end

-- Each goes before the first one of a higher sequence. What is passed on the way is taken out and put back together with them.
local function merge(first)
  local A_LOOK = 1000
  local merged, passed, i = {}, 0, 1
  while i <= #moved do
    local some = redis.call('LRANGE', q, first + passed, first + passed + A_LOOK - 1)
    if #some == 0 then break end
    for _, queued in ipairs(some) do
      while i <= #moved and sequence(moved[i]) < sequence(queued) do
        merged[#merged + 1] = moved[i]
        i = i + 1
      end
      if i > #moved then break end
      merged[#merged + 1] = queued
      passed = passed + 1
    end
  end
  for j = i, #moved do merged[#merged + 1] = moved[j] end
  local in_flight = first == 1 and redis.call('LPOP', q)
  if passed > 0 then redis.call('LPOP', q, passed) end
  for j = #merged, 1, -1 do redis.call('LPUSH', q, merged[j]) end
  if in_flight then redis.call('LPUSH', q, in_flight) end
  for _, id in ipairs(moved) do tally(n, 'queued', target, 1, redis.call('HSTRLEN', e, id)) end
end

local record = read_lane(l, lane)
if record and ARGV[3] == 'front' and #moved > 0 then
  local before = redis.call('LINDEX', q, 0)
  merge(record.token == '0' and 0 or 1)
  local head = redis.call('LINDEX', q, 0)
  if head ~= before then
    redis.call('ZADD', a, accepted_at(redis.call('HGET', e, head)), lane)
    write_lane(l, lane, '0', 0, '', '')
    if redis.call('ZSCORE', w, lane) ~= 'inf' then
      redis.call('ZADD', w, int(at), lane)
      due_by(due, target, math.max(at, held))
    end
  end
else
  local lanes, in_target = { l = l, due = due, n = n }, { q = q, w = w, a = a }
  for _, id in ipairs(moved) do
    append(lanes, in_target, lane, target, id, redis.call('HSTRLEN', e, id), at, held, false, 0)
  end
  if not record and #moved > 0 then redis.call('ZADD', a, accepted_at(redis.call('HGET', e, moved[1])), lane) end
end

local by_now = #moved + tonumber(redis.call('GET', KEYS[13]) or '0')
redis.call('SET', KEYS[13], by_now, 'PX', ARGV[5])
return { #moved, by_now }
