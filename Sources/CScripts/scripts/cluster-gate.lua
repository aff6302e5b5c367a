-- The gate, before every script but `raise`. KEYS[1] is the key of the generation, of which all other
-- keys are siblings under one hash tag; ARGV[1] is "generation run", as the asker believes it to be.
local p = string.sub(KEYS[1], 1, -4)
local ground = redis.call('GET', KEYS[1])
if ground ~= ARGV[1] then return {'STALE', ground or ''} end
