-- Sets what is set for a channel.
--
-- KEYS[1] the channels, KEYS[2] their ids in order
-- ARGV: id, and all else as one text
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1
