-- Ends a login. Answers whether there was one.
--
-- KEYS[1] the login, KEYS[2] all logins by when they expire
-- ARGV: the hash in its key
local old = redis.call('GETRANGE', KEYS[1], 0, 15)
if old == '' then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], old .. ARGV[1])
return 1
