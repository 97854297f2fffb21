using RedLeafSharp.Contracts;
using RedLeafSharp.Posix.Programs.Network;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

public sealed class DnsMessageTests
{
    [Fact]
    public void Answer_OfRandomBytes_IsReadWithoutHarm()
    {
        byte[] question = new byte[512];
        question = question[..DnsMessage.WriteQuestion(question, 0x1234, "www.example.org", DnsSpec.TypeA)];
        var random = new Random(7);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] answer = new byte[question.Length + random.Next(60)];
            random.NextBytes(answer);
            question.CopyTo(answer, 0);
            answer[2] = 0x80;
            answer[3] = 0;
            answer[7] = (byte)random.Next(4);
            DnsResult result = DnsMessage.ReadAnswer(answer, question, DnsSpec.TypeA, []);
            Assert.True(result is DnsResult.NoData or DnsResult.Malformed or DnsResult.Success);
        }
    }

    [Fact]
    public void Answer_WithAPointerToItself_IsMalformed()
    {
        byte[] question = new byte[512];
        question = question[..DnsMessage.WriteQuestion(question, 1, "a.b", DnsSpec.TypeA)];
        byte[] answer = [.. question, 0xC0, (byte)question.Length, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4];
        (answer[2], answer[7]) = (0x80, 1);

        Assert.Equal(DnsResult.Malformed, DnsMessage.ReadAnswer(answer, question, DnsSpec.TypeA, []));
    }

    [Fact]
    public void Answer_ToAnotherQuestion_IsMalformed()
    {
        byte[] question = new byte[512];
        question = question[..DnsMessage.WriteQuestion(question, 1, "a.b", DnsSpec.TypeA)];
        byte[] answer = [.. question];
        (answer[1], answer[2]) = (2, 0x80);

        Assert.Equal(DnsResult.Malformed, DnsMessage.ReadAnswer(answer, question, DnsSpec.TypeA, new List<IpAddress>()));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(5, true)]
    [InlineData(0, false)]
    [InlineData(3, false)] // says nothing without the name
    public void Answer_OfAHeaderAlone_CanBeARefusalOnly(byte code, bool isTaken)
    {
        byte[] question = new byte[512];
        question = question[..DnsMessage.WriteQuestion(question, 0x1234, "a.b", DnsSpec.TypeA)];
        byte[] answer = [0x12, 0x34, 0x81, (byte)(0x80 | code), 0, 0, 0, 0, 0, 0, 0, 0];

        Assert.Equal(isTaken ? (DnsResult)code : DnsResult.Malformed, DnsMessage.ReadAnswer(answer, question, DnsSpec.TypeA, []));
        answer[1]++;
        Assert.Equal(DnsResult.Malformed, DnsMessage.ReadAnswer(answer, question, DnsSpec.TypeA, []));
        Assert.Equal(DnsResult.Malformed, DnsMessage.ReadAnswer(answer.AsSpan(0, 11), question, DnsSpec.TypeA, []));
    }

    [Fact]
    public void Answer_CutAfterAnAddress_LeavesNone()
    {
        byte[] question = new byte[512];
        question = question[..DnsMessage.WriteQuestion(question, 1, "a.b", DnsSpec.TypeA)];
        byte[] answer = [.. question, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4];
        (answer[2], answer[7]) = (0x80, 2);
        var addresses = new List<IpAddress>();

        Assert.Equal(DnsResult.Malformed, DnsMessage.ReadAnswer(answer, question, DnsSpec.TypeA, addresses));
        Assert.Empty(addresses);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.b")]
    public void Question_OfNoName_IsNotWritten(string name) =>
        Assert.Equal(0, DnsMessage.WriteQuestion(new byte[512], 1, name, DnsSpec.TypeA));
}
