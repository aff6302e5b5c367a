-- Writes a login.
--
-- KEYS[1] the login: when it expires, in sixteen digits, and whose it is
-- KEYS[2] all logins by when they expire
-- ARGV: when it expires, whose it is, the hash in its key, and when Redis may forget it by itself
local old = redis.call('GETRANGE', KEYS[1], 0, 15)
if old ~= '' then redis.call('ZREM', KEYS[2], old .. ARGV[3]) end
redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PXAT', ARGV[4])
redis.call('ZADD', KEYS[2], 0, ARGV[1] .. ARGV[3])
return 1
