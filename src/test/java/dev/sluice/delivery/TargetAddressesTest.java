package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that the JDK looks up, as in a native binary. Its threads are those that hang on a name server, here on a latch. */
class TargetAddressesTest {
    private static final int THREADS = 32;
    private static final int MOST = 1_024;

    /** No name server is asked for a name with such a label. */
    private static final String TOO_LONG = "x".repeat(64);

    private final Vertx vertx = Vertx.vertx();
    private final TargetAddresses addresses =
            new TargetAddresses(vertx, new AddressGuard(List.of("127.0.0.1", "::1")), false);
    private final CountDownLatch hanging = new CountDownLatch(1);

    @AfterEach
    void close() {
        hanging.countDown();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void whileNameServersHangOnlySoManyNamesWaitAndThoseOfOneNameTogether() {
        hang();
        List<Future<InetAddress>> waiting = IntStream.range(0, MOST)
                .mapToObj(i -> addresses.of(i == 0 ? "localhost" : TOO_LONG + i))
                .toList();
        Future<InetAddress> another = addresses.of(TOO_LONG);
        await().until(another::failed);
        assertThat(another.cause()).isInstanceOf(UnknownHostException.class).hasMessageContaining("too many names");

        Future<InetAddress> again = addresses.of("localhost");
        assertThat(waiting).noneMatch(Future::isComplete);
        hanging.countDown();
        await().until(() -> again.isComplete() && waiting.stream().allMatch(Future::isComplete));
        assertThat(again.result()).isSameAs(waiting.get(0).result()).matches(InetAddress::isLoopbackAddress);
    }

    /** Also when the time of what they do then is up. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoAsksGoesOnWhereTheyWere(boolean ofVertx) {
        TargetAddresses some = new TargetAddresses(vertx, new AddressGuard(List.of("127.0.0.1", "::1")), ofVertx);
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        vertx.runOnContext(nothing -> {
            threads.add(Thread.currentThread());
            Future<InetAddress> found = some.of("localhost");
            found.onComplete(done -> threads.add(Thread.currentThread()));
            found.compose(address -> Promise.promise().future())
                    .timeout(1, TimeUnit.MILLISECONDS)
                    .onComplete(done -> threads.add(Thread.currentThread()));
        });
        await().until(() -> threads.size() == 3);
        assertThat(Set.copyOf(threads))
                .singleElement()
                .matches(thread -> thread.getName().contains("eventloop"));
    }

    private void hang() {
        WorkerExecutor same = vertx.createSharedWorkerExecutor("names", THREADS);
        CountDownLatch begun = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            same.executeBlocking(
                    () -> {
                        begun.countDown();
                        hanging.await();
                        return null;
                    },
                    false);
        }
        await().until(() -> begun.getCount() == 0);
    }
}
