package io.barnabas.tools;

import java.io.IOException;
import java.io.PrintStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What becomes of a record that was read. */
interface RecordPrinter {
    /** @throws org.apache.kafka.common.errors.SerializationException if the record cannot be printed; nothing is written */
    void print(ConsumerRecord<byte[], byte[]> record, PrintStream out) throws IOException;
}
