-- Tells how many dead letters a job has put back in a partition by now.
--
-- KEYS  1 the job's progress
-- Answer  how many
return redis.call('GET', KEYS[1]) or '0'
