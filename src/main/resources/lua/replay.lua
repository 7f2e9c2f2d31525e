-- Puts events that a target has taken into its lanes once more, behind what is queued there.
--
-- KEYS  1 the job's progress  2 l  3 due  4 n  5 t  6 e  7 history  8 ends of history;  then per event: q, w, a
-- ARGV  1 target  2 how far the job has got, as the gateway knows it  3 how far it has got with these  4 for how many ms the progress is
--       kept;  then per event, in the order of their acceptance: id, lane, for how many ms its history is kept
-- Answer  1, or 0 when the job had got elsewhere and nothing was changed;  how far it has got;  how many it has put back in this
--       partition by now, how many with this step
--
-- Keeps: each is put back once, however often it is asked for, and by one job alone until the target has taken it again; one whose body is no
-- longer there is passed over. A full Redis refuses: it begins with a write that needs memory.
local e, n, target = KEYS[6], KEYS[4], ARGV[1]
local FIRST_KEY, KEYS_EACH, FIRST_ARG, ARGS_EACH = 9, 3, 5, 3
local at = now()
local before, place = string.match(redis.call('GET', KEYS[1]) or '0:', '^(%d+):(.*)$')
if place ~= ARGV[2] then return { 0, place, before, 0 } end
redis.call('SET', KEYS[1], before .. ':' .. place, 'PX', ARGV[4])

local held = tonumber(redis.call('HGET', KEYS[5], target) or '0')
local lanes = { l = KEYS[2], due = KEYS[3], n = n }
local moved = 0
for i = 0, (#ARGV - FIRST_ARG + 1) / ARGS_EACH - 1 do
  local arg, key = FIRST_ARG + ARGS_EACH * i, FIRST_KEY + KEYS_EACH * i
  local id, lane, kept = ARGV[arg], ARGV[arg + 1], tonumber(ARGV[arg + 2])
  local stored, told = redis.call('HGET', e, id), redis.call('HGET', KEYS[7], id)
  -- Another job may have put it back since it was found.
  if stored and told and taken_in(told, target) == lane then
    need(e, id)
    remember(KEYS[7], KEYS[8], lane, id, at, 'replayed', '', kept)
    local in_target = { q = KEYS[key], w = KEYS[key + 1], a = KEYS[key + 2] }
    local became = append(lanes, in_target, lane, target, id, #stored, at, held, nil, 0)
    if became ~= '-' then redis.call('ZADD', in_target.a, accepted_at(stored), lane) end
    moved = moved + 1
  end
end
redis.call('SET', KEYS[1], int(before + moved) .. ':' .. ARGV[3], 'PX', ARGV[4])
return { 1, ARGV[3], int(before + moved), moved }
