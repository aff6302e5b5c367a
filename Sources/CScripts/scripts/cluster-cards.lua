-- cards
return {'CARDS', redis.call('HGETALL', p .. 'cards')}
