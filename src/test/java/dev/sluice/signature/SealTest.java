package dev.sluice.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealTest {
    private static final String OWNER = "wh_1";

    private final SealingKey first = key(1);
    private final SealingKey second = key(2);
    private final Seal seal = new Seal(List.of(first));
    private final Secret secret = Secret.random();

    @Test
    void whatIsSealedOpensForItsOwner() {
        String sealed = seal.seal(secret, OWNER);
        assertThat(sealed).matches("[A-Za-z0-9_-]+");
        assertThat(seal.open(sealed, OWNER).text()).isEqualTo(secret.text());
    }

    @Test
    void noTwoSealedTextsAreTheSame() {
        Set<String> sealed = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            sealed.add(seal.seal(secret, OWNER));
        }
        assertThat(sealed).hasSize(100);
    }

    /** What is stored must open for ever: the layout is read here by other code than that which writes it. */
    @Test
    void aSealedTextIsVersionKeyIdNonceAndAes256Gcm() throws Exception {
        byte[] bytes = Base64.getUrlDecoder().decode(seal.seal(secret, OWNER));
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 1);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update("sluice sealing key id".getBytes(UTF_8));
        byte[] id = Arrays.copyOf(sha256.digest(key), 4);
        assertThat(first.id()).isEqualTo(HexFormat.of().formatHex(id));
        assertThat(Arrays.copyOf(bytes, 5))
                .isEqualTo(ByteBuffer.allocate(5).put((byte) 1).put(id).array());

        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, bytes, 5, 12));
        gcm.updateAAD(Arrays.copyOf(bytes, 5));
        gcm.updateAAD(OWNER.getBytes(UTF_8));
        assertThat(new String(gcm.doFinal(bytes, 17, bytes.length - 17), UTF_8)).isEqualTo(secret.text());
    }

    @Test
    void doesNotOpenForAnotherOwner() {
        String sealed = seal.seal(secret, OWNER);
        for (String other : List.of("wh_2", "", "wh_11", "wh_")) {
            assertThat(refusal(seal, sealed, other)).contains("key " + first.id(), "another owner");
        }
    }

    @Test
    void doesNotOpenWithAnyBitFlipped() {
        byte[] bytes = Base64.getUrlDecoder().decode(seal.seal(secret, OWNER));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
            assertThat(refusal(seal, text, OWNER)).doesNotContain(secret.text());
        }
    }

    @Test
    void doesNotOpenWithAnotherKeyAndTellsWhichOneItWants() {
        Seal other = new Seal(List.of(second, key(3)));
        assertThat(refusal(other, seal.seal(secret, OWNER), OWNER))
                .contains("sealed with key " + first.id(), second.id())
                .doesNotContain(secret.text());
    }

    /** The key's id is only a hint: naming another key must not make that key open it. */
    @Test
    void doesNotOpenUnderTheIdOfAnotherKey() {
        byte[] bytes = Base64.getUrlDecoder().decode(seal.seal(secret, OWNER));
        System.arraycopy(HexFormat.of().parseHex(second.id()), 0, bytes, 1, 4);
        String text = Base64.getUrlEncoder().encodeToString(bytes);
        assertThat(refusal(new Seal(List.of(first, second)), text, OWNER)).contains("key " + second.id());
    }

    @Test
    void whileTheKeyIsChangedTheFirstSealsAndAllOpen() {
        String before = seal.seal(secret, OWNER);
        Seal changing = new Seal(List.of(second, first));
        assertThat(changing.isCurrent(before)).isFalse();
        assertThat(changing.open(before, OWNER).text()).isEqualTo(secret.text());

        String anew = changing.seal(changing.open(before, OWNER), OWNER);
        assertThat(changing.isCurrent(anew)).isTrue();
        Seal changed = new Seal(List.of(second));
        assertThat(changed.open(anew, OWNER).text()).isEqualTo(secret.text());
        assertThat(refusal(changed, before, OWNER)).contains(first.id());
    }

    @Test
    void withoutAKeyNothingIsSealedOrOpened() {
        Seal none = new Seal(List.of());
        assertThat(none.isEmpty()).isTrue();
        assertThat(seal.isEmpty()).isFalse();
        assertThatThrownBy(() -> none.seal(secret, OWNER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageNotContaining(secret.text());
        String sealed = seal.seal(secret, OWNER);
        assertThat(none.isCurrent(sealed)).isFalse();
        assertThat(refusal(none, sealed, OWNER)).contains(first.id());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AQ",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw+",
                "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void whatIsNoSealedSecretIsSaidToBeNone(String text) {
        assertThat(refusal(seal, text, OWNER)).startsWith("it ").doesNotContain("MfKQ");
        assertThatThrownBy(() -> seal.isCurrent(text)).isInstanceOf(CannotOpen.class);
    }

    @Test
    void aKeyIs32BytesAndShowsNoneOfThem() {
        for (int length : new int[] {0, 16, 31, 33}) {
            assertThatThrownBy(() -> SealingKey.ofBytes(new byte[length])).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(first).hasToString("SealingKey[" + first.id() + "]");
        assertThat(first.id()).matches("[0-9a-f]{8}").isNotEqualTo(second.id());
    }

    private static String refusal(Seal seal, String sealed, String owner) {
        CannotOpen refusal = catchThrowableOfType(CannotOpen.class, () -> seal.open(sealed, owner));
        assertThat(refusal).isNotNull().hasNoCause();
        return refusal.getMessage();
    }

    private static SealingKey key(int filling) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) filling);
        return SealingKey.ofBytes(bytes);
    }
}
