// Two KafkaJS consumers share a topic, one leaves, and every message still comes through.
//   node group.js BOOTSTRAP TOPIC GROUP
const { Kafka, logLevel } = require('kafkajs')

const [server, topic, groupId] = process.argv.slice(2)
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [server], logLevel: logLevel.ERROR })
const PARTITIONS = 4
const MESSAGES = 200
const got = new Set()

const until = async (what, condition) => {
  for (let i = 0; i < 600; i++) {
    if (condition()) return
    await new Promise(done => setTimeout(done, 100))
  }
  throw new Error(`waited in vain until ${what}; got ${got.size}`)
}

const member = async name => {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 500 })
  let owned = 0
  consumer.on(consumer.events.GROUP_JOIN, event => {
    owned = (event.payload.memberAssignment[topic] || []).length
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => got.add(message.value.toString()) })
  return { consumer, owned: () => owned, name }
}

const produce = async (producer, from) => {
  const messages = []
  for (let i = from; i < from + MESSAGES; i++) messages.push({ key: `${i}`, value: `message-${i}` })
  await producer.send({ topic, messages })
}

const run = async () => {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
  const producer = kafka.producer()
  await producer.connect()
  await produce(producer, 0)
  const first = await member('first')
  const second = await member('second')
  await until('both own two partitions', () => first.owned() === 2 && second.owned() === 2)
  await until('the first messages are there', () => got.size === MESSAGES)
  await second.consumer.disconnect()
  await until('the first owns all', () => first.owned() === PARTITIONS)
  await produce(producer, MESSAGES)
  await until('all messages are there', () => got.size === 2 * MESSAGES)
  const described = await admin.describeGroups([groupId])
  if (described.groups[0].state !== 'Stable' || described.groups[0].members.length !== 1) {
    throw new Error(JSON.stringify(described))
  }
  await first.consumer.disconnect()
  const offsets = await admin.fetchOffsets({ groupId, topics: [topic] })
  const committed = offsets[0].partitions.reduce((sum, each) => sum + Math.max(0, Number(each.offset)), 0)
  if (committed !== 2 * MESSAGES) throw new Error(`committed ${committed}`)
  await admin.deleteGroups([groupId])
  await producer.disconnect()
  await admin.disconnect()
  console.log('kafkajs: all came through')
}

run().catch(error => { console.error(error); process.exit(1) })
