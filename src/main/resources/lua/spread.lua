-- Puts an event into some more of its lanes, and ends its spreading with the last of them. Leases none: whoever has room claims.
--
-- KEYS  1 m  2 l  3 due  4 n  5 t  6 spreading  7 rest of the lanes  8 e  9 why
--       10 x of all registered webhooks;  then per lane: q, w, a, x
-- ARGV  1 event id  2 what the event is in order with;  then per lane: its entry, lane, target
--       An entry is the lane; or, where its target was full, !, what goes for it (see bury), ! and the lane
-- Answer  1, or 0 when these lanes are not the next ones: another gateway has gone on
--
-- Keeps: each lane gets the event once, whoever spreads it and however often.
local rest = KEYS[7]
local lanes = { m = KEYS[1], l = KEYS[2], due = KEYS[3], n = KEYS[4] }
local graves = { e = KEYS[8], n = KEYS[4], why = KEYS[9], every = KEYS[10] }
local FIRST_KEY, KEYS_EACH, FIRST_ARG, ARGS_EACH = 11, 4, 3, 3
local at, id = now(), ARGV[1]
local entries = (#ARGV - FIRST_ARG + 1) / ARGS_EACH

-- With none named and none left there is nothing to wait for, also when Redis has lost the rest.
local next_ones = redis.call('LRANGE', rest, 0, entries - 1)
if redis.call('HGET', KEYS[6], ARGV[2]) ~= id or #next_ones < entries then return 0 end
for i = 1, entries do
  if next_ones[i] ~= ARGV[FIRST_ARG + (i - 1) * ARGS_EACH] then return 0 end
end

local bytes = redis.call('HSTRLEN', KEYS[8], id)
for i = 1, entries do
  local arg, key = FIRST_ARG + (i - 1) * ARGS_EACH, FIRST_KEY + (i - 1) * KEYS_EACH
  local out, lane, target = string.match(ARGV[arg], '^!([%d:]+)!'), ARGV[arg + 1], ARGV[arg + 2]
  if out then
    bury(graves, KEYS[key + 3], target, lane, id, at, bytes, 0, FULL, out)
  else
    local in_target = { q = KEYS[key], w = KEYS[key + 1], a = KEYS[key + 2] }
    local held = tonumber(redis.call('HGET', KEYS[5], target) or '0')
    append(lanes, in_target, lane, target, id, bytes, at, held, nil, 0)
  end
  redis.call('LPOP', rest)
end
if redis.call('EXISTS', rest) == 0 then redis.call('HDEL', KEYS[6], ARGV[2]) end
return 1
