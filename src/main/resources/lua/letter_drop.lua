-- Gives up an event that was set aside.
--
-- KEYS  1 e  2 why  3 n  4 x  5 history  6 ends of history  7 x of all registered webhooks
-- ARGV  1 target, or @ and the source  2 its lane, or empty  3 event id  4 for how many ms its history is kept, 0 for not at all
-- Answer  1, or 0 when it is not there, or not any more
--
-- Keeps: a repetition changes nothing; what other targets still need of the event stays. Begins with a write that needs no memory.
local target, lane, id = ARGV[1], ARGV[2], ARGV[3]
if not drop_dead({ e = KEYS[1], why = KEYS[2], n = KEYS[3], every = KEYS[7] }, KEYS[4], target, lane .. '|' .. id) then return 0 end
if lane ~= '' then remember(KEYS[5], KEYS[6], lane, id, now(), 'dropped', '', tonumber(ARGV[4])) end
return 1
