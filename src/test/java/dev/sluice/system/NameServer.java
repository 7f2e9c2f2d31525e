package dev.sluice.system;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** A name server (RFC 1035) that answers each question for an IPv4 address as it is told to, to be forgotten at once. */
final class NameServer implements AutoCloseable {
    /** What it answers unless it is told otherwise. */
    static final String PRIVATE = "10.9.8.7";

    private static final int HEADER = 12;
    private static final int TYPE_A = 1;
    private static final int ANSWERED = 0x8180;
    private static final int THE_NAME_ASKED_FOR = 0xC00C;

    private final DatagramSocket socket;
    private final Map<String, Supplier<String>> addresses = new ConcurrentHashMap<>();

    NameServer(Vertx vertx) {
        socket = vertx.createDatagramSocket();
        socket.handler(this::answer);
        socket.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
    }

    int port() {
        return socket.localAddress().port();
    }

    /** Answers with the addresses that this gives for a name. */
    void answering(String name, Supplier<String> address) {
        addresses.put(name, address);
    }

    @Override
    public void close() {
        socket.close().toCompletionStage().toCompletableFuture().join();
    }

    private void answer(DatagramPacket packet) {
        ByteBuf asked = Unpooled.wrappedBuffer(packet.data().getBytes());
        int id = asked.readUnsignedShort();
        asked.readerIndex(HEADER);
        StringBuilder name = new StringBuilder();
        for (int length = asked.readUnsignedByte(); length > 0; length = asked.readUnsignedByte()) {
            name.append(asked.readCharSequence(length, StandardCharsets.US_ASCII))
                    .append('.');
        }
        int type = asked.readUnsignedShort();
        int end = asked.readerIndex() + 2;
        ByteBuf answer = Unpooled.buffer()
                .writeShort(id)
                .writeShort(ANSWERED)
                .writeShort(1)
                .writeShort(type == TYPE_A ? 1 : 0)
                .writeInt(0)
                .writeBytes(asked.slice(HEADER, end - HEADER));
        if (type == TYPE_A) {
            answer.writeShort(THE_NAME_ASKED_FOR)
                    .writeShort(TYPE_A)
                    .writeShort(1)
                    .writeInt(0)
                    .writeShort(4);
            for (String part :
                    addresses.getOrDefault(name.toString(), () -> PRIVATE).get().split("\\.")) {
                answer.writeByte(Integer.parseInt(part));
            }
        }
        byte[] bytes = new byte[answer.readableBytes()];
        answer.readBytes(bytes);
        socket.send(
                Buffer.buffer(bytes), packet.sender().port(), packet.sender().host());
    }
}
