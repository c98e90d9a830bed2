package io.barnabas.system.tests.simulation;

import io.barnabas.coordination.ControlSender;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.model.BrokerId;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The shortest way between the controller and brokers: objects instead of messages, but the same weather. */
final class VirtualControl {
    private static final long RETRY_MS = 40;

    private final SimulatedCluster cluster;
    private final World world;

    VirtualControl(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
    }

    private boolean reaches(int from, int to) {
        return !cluster.network().loses(from, to) && !cluster.network().loses(to, from);
    }

    ControlSender sender(SimulatedBroker from, SimulatedBroker.Incarnation sender) {
        Map<BrokerId, ArrayDeque<Letter>> queues = new HashMap<>();
        return new ControlSender() {
            @Override
            public void send(BrokerId to, long brokerEpoch, ControlMessage message) {
                ArrayDeque<Letter> queue = queues.computeIfAbsent(to, any -> new ArrayDeque<>());
                queue.add(new Letter(brokerEpoch, message));
                if (queue.size() == 1) {
                    pump(cluster.broker(to), queue);
                }
            }

            private void pump(SimulatedBroker target, ArrayDeque<Letter> queue) {
                boolean now = reaches(from.place(), target.place())
                        && target.isUp()
                        && target.running().core() != null
                        && target.running().brokerEpoch() >= queue.peek().brokerEpoch();
                world.afterNanos(now ? world.between(50_000, 900_000) : RETRY_MS * 1_000_000, () -> {
                    if (!sender.process.isAlive()) {
                        queue.clear();
                        return;
                    }
                    if (now) {
                        Letter letter = queue.poll();
                        if (target.isUp() && target.running().core() != null) {
                            target.running().core().control().receive(letter.brokerEpoch(), letter.message());
                        }
                    }
                    if (!queue.isEmpty()) {
                        pump(target, queue);
                    }
                });
            }
        };
    }

    private record Letter(long brokerEpoch, ControlMessage message) {}

    ControllerClient route(SimulatedBroker from, SimulatedBroker.Incarnation asker) {
        return (ControllerClient) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ControllerClient.class},
                (proxy, method, arguments) -> forward(from, asker, method, arguments));
    }

    private Object forward(SimulatedBroker from, SimulatedBroker.Incarnation asker, Method method, Object[] arguments)
            throws Throwable {
        BrokerId controller = asker.controller().controller();
        if (controller.isNone() || controller.equals(from.id())) {
            return call(asker, method, arguments);
        }
        SimulatedBroker target = cluster.broker(controller);
        CompletableFuture<Object> answer = new CompletableFuture<>();
        world.afterNanos(world.between(50_000, 900_000), () -> {
            boolean lost = !reaches(from.place(), target.place())
                    || target.running() == null
                    || target.running().controller() == null;
            if (lost) {
                fail(asker, answer);
                return;
            }
            try {
                Object stage = call(target.running(), method, arguments);
                if (stage instanceof CompletionStage<?> asked) {
                    asked.whenComplete((value, failure) -> world.afterNanos(world.between(50_000, 900_000), () -> {
                        if (failure != null || !reaches(from.place(), target.place())) {
                            fail(asker, answer);
                        } else {
                            asker.run(() -> answer.complete(value));
                        }
                    }));
                }
            } catch (Throwable thrown) {
                cluster.verdicts().uncaught("route", thrown);
            }
        });
        return method.getReturnType() == void.class ? null : answer;
    }

    private void fail(SimulatedBroker.Incarnation asker, CompletableFuture<Object> answer) {
        world.afterMillis(
                world.between(1, 2_000),
                () -> asker.run(() -> answer.completeExceptionally(new IOException("the controller does not answer"))));
    }

    private static Object call(SimulatedBroker.Incarnation of, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(of.controller(), arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }
}
