package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetUrlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"127.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "2130706433", "127.0.0.1.", "a.0x"
            })
    void anAddressThatNotAllReadAlikeIsUnfit(String host) {
        assertThatExceptionOfType(TargetUrl.Unfit.class).isThrownBy(() -> TargetUrl.of("http://" + host + "/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1", "0.10.200.255", "[::1]", "1st.example", "example.c0m", "0x7f.example", "localhost."
            })
    void aHostOrAnAddressInItsOnlyFormIsFit(String host) throws Exception {
        assertThat(TargetUrl.of("http://" + host + "/").getHost()).isEqualTo(host);
    }

    @Test
    void whatIsNotAsciiIsSentAsRequestsHaveIt() throws Exception {
        assertThat(TargetUrl.of("https://shop.example/ü/日本?q=é"))
                .hasToString("https://shop.example/%C3%BC/%E6%97%A5%E6%9C%AC?q=%C3%A9");
        assertThat(TargetUrl.of(" https://shop.example/%C3%BC ")).hasToString("https://shop.example/%C3%BC");
    }
}
