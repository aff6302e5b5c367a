-- The gate, before every script but `raise`. KEYS[1] is the hash of the generation in force, gen, and of
-- the run of Redis in which it was begun, run; all other keys are its siblings under one hash tag.
-- ARGV[1] is "generation run", as the asker believes them to be.
local p = string.sub(KEYS[1], 1, -4)
local era = redis.call('HMGET', KEYS[1], 'gen', 'run')
local ground = era[1] and era[2] and era[1] .. ' ' .. era[2]
if ground ~= ARGV[1] then return {'STALE', ground or ''} end
