package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Any message there is, filled with anything its types allow, drawn from a seed. It looks at the records themselves, so that a component that is
 * added is drawn, too, and missed by the round trip if no form carries it.
 */
final class RandomMessages {
    private static final String[] TEXTS = {"", "orders", "ünïcødé-✓-𝄞", "a\nb\u0000c", "x".repeat(300)};

    private final RandomGenerator random;

    RandomMessages(RandomGenerator random) {
        this.random = random;
    }

    static List<Class<?>> requests() {
        return List.of(PeerRequest.class.getPermittedSubclasses());
    }

    static List<Class<?>> replies() {
        return List.of(PeerReply.class.getPermittedSubclasses());
    }

    /** @param type a record */
    <T> T draw(Class<T> type) {
        return type.cast(value(type));
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] of = generic.getActualTypeArguments();
            Class<?> raw = (Class<?>) generic.getRawType();
            if (raw == List.class) {
                return some(of[0]);
            }
            if (raw == Set.class) {
                return new HashSet<>(some(of[0]));
            }
            if (raw == Map.class) {
                Map<Object, Object> map = new HashMap<>();
                some(of[0]).forEach(key -> map.put(key, value(of[1])));
                return map;
            }
            if (raw == Outcome.class) {
                return random.nextBoolean() ? Outcome.done(value(of[0])) : Outcome.refused(draw(Refusal.class));
            }
            throw new IllegalStateException("no values of " + type);
        }
        return simple((Class<?>) type);
    }

    private Object simple(Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return number(Integer.MAX_VALUE);
        }
        if (type == long.class || type == Long.class) {
            return random.nextBoolean() ? random.nextLong() : random.nextLong(-1, 100);
        }
        if (type == short.class || type == Short.class) {
            return (short) random.nextInt(0, 3);
        }
        if (type == boolean.class || type == Boolean.class) {
            return random.nextBoolean();
        }
        if (type == String.class) {
            return TEXTS[random.nextInt(TEXTS.length)];
        }
        if (type == UUID.class) {
            return new UUID(random.nextLong(), random.nextLong());
        }
        if (type == byte[].class) {
            byte[] bytes = new byte[random.nextInt(0, 600)];
            random.nextBytes(bytes);
            return bytes;
        }
        if (type == LastShutdown.class) {
            return LastShutdown.CLEAN; // the rest is between the store and the controller, and never sent
        }
        if (type.isEnum()) {
            return pick(type.getEnumConstants());
        }
        if (type == LeaderAndIsr.class) {
            List<BrokerId> members = brokers();
            return new LeaderAndIsr(
                    members.isEmpty() || random.nextBoolean() ? BrokerId.NONE : members.get(0),
                    number(Integer.MAX_VALUE),
                    members,
                    brokers().stream()
                            .filter(broker -> !members.contains(broker))
                            .toList(),
                    number(Integer.MAX_VALUE));
        }
        if (type == TopicRef.class) {
            return random.nextBoolean() ? TopicRef.named(pick(TEXTS)) : TopicRef.of(draw(UUID.class));
        }
        if (type == BrokerId.class) {
            return new BrokerId(random.nextInt(-1, 5000));
        }
        if (type == TopicPartition.class) {
            return new TopicPartition(pick(TEXTS), number(1 << 20));
        }
        if (type.isSealed()) {
            return simple(pick(type.getPermittedSubclasses()));
        }
        return record(type);
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = Objects.requireNonNull(type.getRecordComponents(), type.toString());
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = new Object[components.length];
        for (int index = 0; index < values.length; index++) {
            boolean absent = mayBeNull(type, components[index].getName()) && random.nextInt(4) == 0;
            values[index] = absent ? null : value(components[index].getGenericType());
        }
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            return canonical.newInstance(values);
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InvocationTargetException refused) {
            throw new IllegalStateException("cannot make a " + type + " of " + Arrays.toString(values), refused);
        }
    }

    private static boolean mayBeNull(Class<?> type, String component) {
        return switch (type.getSimpleName() + "." + component) {
            case "BrokerInfo.rack",
                    "PartitionInfo.leaderAndIsr",
                    "ClusterChange.features",
                    "Op.value",
                    "Reassignment.target",
                    "ElectLeaders.partitions",
                    "TopicResult.name",
                    "Refusal.message",
                    "RecordError.message",
                    "TopicResult.refusal",
                    "ConfigResult.refusal",
                    "FeatureResult.refusal",
                    "PartitionResult.refusal",
                    "Told.refusal" -> true;
            default -> false;
        };
    }

    private List<Object> some(Type type) {
        List<Object> values = new ArrayList<>();
        for (int left = random.nextInt(0, 4); left > 0; left--) {
            values.add(value(type));
        }
        return values;
    }

    private List<BrokerId> brokers() {
        return random.ints(random.nextInt(0, 4), 0, 5000)
                .distinct()
                .mapToObj(BrokerId::new)
                .toList();
    }

    private int number(int bound) {
        return random.nextBoolean() ? random.nextInt(0, 10) : random.nextInt(0, bound);
    }

    private <T> T pick(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
