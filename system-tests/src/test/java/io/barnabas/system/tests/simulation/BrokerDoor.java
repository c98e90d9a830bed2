package io.barnabas.system.tests.simulation;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.api.ConnectionNotes;
import io.barnabas.broker.api.Reply;
import io.barnabas.broker.api.RequestContext;
import io.barnabas.broker.api.SliceRecords;
import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerService;
import io.barnabas.log.LogSlice;
import io.barnabas.log.storage.StorageException;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.runtime.loop.EventLoop;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The server's side of connections to one broker: requests go to the dispatcher as they come, answers leave in order. */
final class BrokerDoor {
    private static final long GATE_MS = 20;

    private final SimulatedProcess process;
    private final List<? extends EventLoop> loops;
    private final ApiDispatcher dispatcher;
    private final Supplier<PeerService> peers;
    private final BooleanSupplier serving;
    private long connections;

    /**
     * @param peers   gives null while private requests are not served
     * @param serving whether others are answered; until then they wait
     */
    BrokerDoor(
            SimulatedProcess process,
            List<? extends EventLoop> loops,
            ApiDispatcher dispatcher,
            Supplier<PeerService> peers,
            BooleanSupplier serving) {
        this.process = process;
        this.loops = loops;
        this.dispatcher = dispatcher;
        this.peers = peers;
        this.serving = serving;
    }

    SimulatedNetwork.Receiver accept(SimulatedNetwork.Socket socket) {
        long number = ++connections;
        return new Conversation(socket, number, loops.get((int) (number % loops.size())));
    }

    private final class Conversation implements SimulatedNetwork.Receiver {
        private final SimulatedNetwork.Socket socket;
        private final long connectionId;
        private final EventLoop loop;
        private final ConnectionNotes notes = new ConnectionNotes();
        private final ArrayDeque<Question> unanswered = new ArrayDeque<>();
        private PeerService.Visit visit;
        private boolean open = true;

        Conversation(SimulatedNetwork.Socket socket, long connectionId, EventLoop loop) {
            this.socket = socket;
            this.connectionId = connectionId;
            this.loop = loop;
        }

        @Override
        public void onMessage(Object message) {
            loop.execute(() -> {
                if (!open) {
                    return;
                }
                if (message instanceof Call.Api && !serving.getAsBoolean()) {
                    loop.schedule(() -> onMessage(message), GATE_MS);
                } else if (message instanceof Call.Api call) {
                    Question question = new Question(this, call);
                    unanswered.add(question);
                    dispatcher.dispatch(question, call.request(), question);
                } else if (message instanceof Call.Private call) {
                    onPrivate(call);
                }
            });
        }

        private void onPrivate(Call.Private call) {
            PeerService service = peers.get();
            if (service == null) {
                end();
                return;
            }
            if (visit == null) {
                visit = service.open();
            }
            visit.onRequest(call.request(), new PeerService.Reply() {
                private boolean used;

                @Override
                public void send(byte[] response) {
                    loop.execute(() -> {
                        if (!used && open) {
                            used = true;
                            socket.send(new Call.PrivateAnswer(call.number(), response));
                        }
                    });
                }

                @Override
                public void close(String why) {
                    loop.execute(() -> {
                        if (!used) {
                            used = true;
                            end();
                        }
                    });
                }
            });
        }

        @Override
        public void onEnd(LinkEnd how) {
            loop.execute(() -> ended(how));
        }

        /** On the loop; by us. */
        private void end() {
            socket.close();
            ended(LinkEnd.LOCAL);
        }

        private void ended(LinkEnd how) {
            if (!open) {
                return;
            }
            open = false;
            for (Question question : List.copyOf(unanswered)) {
                question.onConnectionEnded();
            }
            unanswered.clear();
            if (visit != null) {
                visit.onEnd(how);
            }
        }

        private void release() {
            while (!unanswered.isEmpty() && unanswered.peek().answered) {
                Question head = unanswered.remove();
                if (head.response != null) {
                    socket.send(new Call.ApiAnswer(head.call.number(), head.response));
                }
            }
        }
    }

    /** One request, from its arrival to its answer. */
    private final class Question implements RequestContext, Reply {
        private final Conversation conversation;
        private final Call.Api call;
        private final List<Runnable> closeCallbacks = new ArrayList<>();
        private ApiMessage response;
        private boolean answered;

        Question(Conversation conversation, Call.Api call) {
            this.conversation = conversation;
            this.call = call;
        }

        void onConnectionEnded() {
            if (!answered) {
                closeCallbacks.forEach(Runnable::run);
            } else {
                SliceRecords.release(response);
            }
        }

        @Override
        public void send(ApiMessage message) {
            if (answered || !conversation.open) {
                SliceRecords.release(message);
                return;
            }
            answered = true;
            response = message;
            try {
                fill(message);
            } catch (StorageException unreadable) {
                conversation.loop.execute(conversation::end);
                return;
            }
            conversation.loop.execute(conversation::release);
        }

        @Override
        public void sendNothing() {
            if (!answered) {
                answered = true;
                conversation.loop.execute(conversation::release);
            }
        }

        @Override
        public void closeConnection(String why) {
            conversation.loop.execute(conversation::end);
        }

        @Override
        public ApiKey apiKey() {
            return call.key();
        }

        @Override
        public short apiVersion() {
            return call.version();
        }

        @Override
        public String clientId() {
            return call.clientId();
        }

        @Override
        public String listener() {
            return "PLAINTEXT";
        }

        @Override
        public boolean privilegedListener() {
            return true;
        }

        @Override
        public String principal() {
            return "User:ANONYMOUS";
        }

        @Override
        public InetAddress clientAddress() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public long connectionId() {
            return conversation.connectionId;
        }

        @Override
        public Executor loop() {
            return conversation.loop;
        }

        @Override
        public boolean isOpen() {
            return conversation.open && process.isAlive();
        }

        @Override
        public void onClose(Runnable callback) {
            if (conversation.open) {
                closeCallbacks.add(callback);
            } else {
                conversation.loop.execute(callback);
            }
        }

        @Override
        public void releaseRequest() {
            // the bytes are the garbage collector's
        }

        @Override
        public ConnectionNotes notes() {
            return conversation.notes;
        }
    }

    /** Copies the records out of the files, as the server does when it sends them. */
    private static void fill(ApiMessage message) {
        if (message instanceof FetchResponseData fetch) {
            for (var topic : fetch.responses) {
                for (var partition : topic.partitions) {
                    if (partition.records instanceof SliceRecords records) {
                        partition.records = copied(records.slice());
                    }
                }
            }
        }
    }

    private static BufferRecords copied(LogSlice slice) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
            int done = 0;
            while (bytes.hasRemaining()) {
                int read = slice.readInto(bytes, done);
                if (read <= 0) {
                    throw new StorageException("the log ends within what was to be sent");
                }
                done += read;
            }
            return new BufferRecords(Unpooled.wrappedBuffer(bytes.flip()));
        } finally {
            slice.release();
        }
    }
}
