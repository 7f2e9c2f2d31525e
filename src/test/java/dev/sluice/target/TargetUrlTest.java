package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TargetUrlTest {
    @Test
    void whatIsNotAsciiIsSentAsRequestsHaveIt() throws Exception {
        assertThat(TargetUrl.of("https://shop.example/ü/日本?q=é"))
                .hasToString("https://shop.example/%C3%BC/%E6%97%A5%E6%9C%AC?q=%C3%A9");
        assertThat(TargetUrl.of(" https://shop.example/%C3%BC ")).hasToString("https://shop.example/%C3%BC");
    }
}
