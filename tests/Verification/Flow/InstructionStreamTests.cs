using RedLeafSharp.Verification.Flow;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Flow;

/// <summary>Bytes that are no code.</summary>
public sealed class InstructionStreamTests
{
    [Theory]
    [InlineData("")]
    [InlineData("FE")]
    [InlineData("FEFF")]
    [InlineData("24")]
    [InlineData("2001")]
    [InlineData("21010203")]
    [InlineData("45FFFFFFFF")]
    [InlineData("450200000000000000")]
    [InlineData("2B05002A")]
    [InlineData("2BFD2A")]
    [InlineData("2B02200000000A2A")]
    [InlineData("38FFFFFF7F2A")]
    public void Code_ThatIsMalformed_IsRefused(string code)
    {
        FlowException offence = Assert.Throws<FlowException>(
            () => new InstructionStream(Convert.FromHexString(code)).CheckTargets());

        Assert.Equal("RL0402", offence.Rule);
    }

    [Fact]
    public void Code_OfRandomBytes_IsReadOrRefused()
    {
        var random = new Random(20_260_321);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] code = new byte[random.Next(1, 40)];
            random.NextBytes(code);
            Exception? thrown = Record.Exception(() => new InstructionStream(code).CheckTargets());
            Assert.True(thrown is null or FlowException, Convert.ToHexString(code));
        }
    }
}
