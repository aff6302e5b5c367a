-- abort channel token: the call stays.
redis.call('HDEL', p .. 'room:' .. channel, 'tgt', 'tgtlife')
return {'DONE'}
