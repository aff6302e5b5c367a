-- Registers a client unless its id is taken. Answers whether it is registered by this asker, who may ask
-- again when the answer was lost.
--
-- KEYS[1] the clients
-- ARGV: id, sixteen digits of the asker's, hash of the key
local old = redis.call('HGET', KEYS[1], ARGV[1])
if old then return string.sub(old, 1, 16) == ARGV[2] and 1 or 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ARGV[3])
return 1
