package io.barnabas.system.spring;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;

/** A Spring application with a listener in a group: sends a hundred messages and waits until the listener has got each of them. */
@EnableKafka
@Configuration
public class SpringListener {
    private static final int MESSAGES = 100;
    private static final Set<String> GOT = ConcurrentHashMap.newKeySet();
    private static final CountDownLatch ALL = new CountDownLatch(MESSAGES);

    static String server;
    static String protocol;

    @Bean
    public ConcurrentKafkaListenerContainerFactory<String, String> kafkaListenerContainerFactory() {
        var factory = new ConcurrentKafkaListenerContainerFactory<String, String>();
        factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(
                Map.of(
                        "bootstrap.servers", server,
                        "group.protocol", protocol,
                        "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer()));
        factory.setConcurrency(3);
        return factory;
    }

    @Bean
    public KafkaTemplate<String, String> template() {
        return new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(
                Map.of("bootstrap.servers", server), new StringSerializer(), new StringSerializer()));
    }

    @KafkaListener(topics = "${topic}", groupId = "${group}")
    public void listen(String message) {
        if (GOT.add(message)) {
            ALL.countDown();
        }
    }

    /** Bootstrap servers, topic, group, group protocol. */
    public static void main(String[] arguments) throws Exception {
        server = arguments[0];
        System.setProperty("topic", arguments[1]);
        System.setProperty("group", arguments[2]);
        protocol = arguments[3];
        try (var context = new AnnotationConfigApplicationContext(SpringListener.class)) {
            var template = context.getBean("template", KafkaTemplate.class);
            for (int i = 0; i < MESSAGES; i++) {
                template.send(arguments[1], "key-" + i, "message-" + i);
            }
            template.flush();
            if (!ALL.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the listener got only " + GOT.size() + " of " + MESSAGES);
            }
        }
        System.out.println("the listener got all " + MESSAGES);
    }
}
