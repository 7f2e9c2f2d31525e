-- Puts events that a target has taken into its lanes once more, behind what is queued there.
--
-- KEYS  1 the job's progress  2 l  3 due  4 n  5 t  6 e  7 history  8 ends of history;  then per event: q, w, a
-- ARGV  1 target  2 how far the job has got, as the gateway knows it  3 how far it has got with these  4 for how many ms the progress is
--       kept  5 for how many ms the history is kept;  then per event, in the order of their acceptance: id, lane
-- Answer  1, or 0 when the job had got elsewhere and nothing was changed;  how far it has got;  how many it has put back in this
--       partition
--
-- Keeps: each is put back once, however often it is asked for; one whose body is no longer there is passed over.
local e, n, target, kept = KEYS[6], KEYS[4], ARGV[1], tonumber(ARGV[5])
local FIRST_KEY, KEYS_EACH, FIRST_ARG, ARGS_EACH = 9, 3, 6, 2
local at = now()
redis.call('PERSIST', KEYS[1])
local count_by_now, place = string.match(redis.call('GET', KEYS[1]) or '0:', '^(%d+):(.*)$')
if place ~= ARGV[2] then return { 0, place, count_by_now } end

local held = tonumber(redis.call('HGET', KEYS[5], target) or '0')
local lanes = { l = KEYS[2], due = KEYS[3], n = n }
for i = 0, (#ARGV - FIRST_ARG + 1) / ARGS_EACH - 1 do
  local id, lane = ARGV[FIRST_ARG + ARGS_EACH * i], ARGV[FIRST_ARG + ARGS_EACH * i + 1]
  local q, w, a = KEYS[FIRST_KEY + KEYS_EACH * i], KEYS[FIRST_KEY + KEYS_EACH * i + 1], KEYS[FIRST_KEY + KEYS_EACH * i + 2]
  local stored = redis.call('HGET', e, id)
  if stored then
    need(e, id)
    remember(KEYS[7], KEYS[8], lane, id, at, 'replayed', '', kept)
    local became = append(lanes, { q = q, w = w, a = a }, lane, target, id, #stored, at, held, false, 0)
    if became ~= '-' then redis.call('ZADD', a, accepted_at(stored), lane) end
    count_by_now = count_by_now + 1
  end
end
redis.call('SET', KEYS[1], int(count_by_now) .. ':' .. ARGV[3], 'PX', ARGV[4])
return { 1, ARGV[3], int(count_by_now) }
