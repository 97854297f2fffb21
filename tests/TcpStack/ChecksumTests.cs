using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

public sealed class ChecksumTests
{
    [Fact]
    public void Sum_ExampleOfRfc1071Section3_IsDdf2()
    {
        byte[] data = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        Assert.Equal(0xddf2, InternetChecksum.Fold(InternetChecksum.Sum(data)));
    }

    [Fact]
    public void Update_ExampleOfRfc1624Section4_IsZero()
    {
        Assert.Equal(0x0000, InternetChecksum.Update(0xdd2f, 0x5555, 0x3285));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sum_AnyLengthAndContent_IsThatOfWordByWord(int seed)
    {
        var random = new Random(seed);
        for (int length = 0; length < 400; length++)
        {
            byte[] data = new byte[length];
            random.NextBytes(data);
            if (seed == 3)
            {
                Array.Fill(data, (byte)0xff);
            }

            Assert.Equal(WordByWord(data), InternetChecksum.Fold(InternetChecksum.Sum(data)));
        }
    }

    [Fact]
    public void SumAtOdd_PartsOfAnyLengths_AddUpToTheWhole()
    {
        byte[] data = new byte[301];
        new Random(7).NextBytes(data);
        for (int split = 0; split <= data.Length; split++)
        {
            ReadOnlySpan<byte> rest = data.AsSpan(split);
            uint second = split % 2 == 0 ? InternetChecksum.Sum(rest) : InternetChecksum.SumAtOdd(rest);
            uint whole = InternetChecksum.Sum(data.AsSpan(0, split)) + second;
            Assert.Equal(WordByWord(data), InternetChecksum.Fold(whole));
        }
    }

    [Fact]
    public void Update_RandomChanges_GivesTheSumComputedAnew()
    {
        var random = new Random(11);
        byte[] data = new byte[40];
        random.NextBytes(data);
        ushort checksum = InternetChecksum.Complement(InternetChecksum.Sum(data));
        for (int round = 0; round < 1000; round++)
        {
            int offset = 2 * random.Next(20);
            ushort before = (ushort)((data[offset] << 8) | data[offset + 1]);
            ushort after = (ushort)random.Next(65536);
            (data[offset], data[offset + 1]) = ((byte)(after >> 8), (byte)after);
            checksum = InternetChecksum.Update(checksum, before, after);
            Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(data) + checksum));
        }
    }

    [Fact]
    public void PseudoHeader_OfIpv6_IsThatOfItsBytes()
    {
        var source = new IpAddress(0x20010db800000001, 0x0203040506070809);
        var destination = new IpAddress(0xfe80000000000000, 0xfffffffffffffffe);
        byte[] bytes = new byte[40];
        source.CopyTo(bytes);
        destination.CopyTo(bytes.AsSpan(16));
        (bytes[33], bytes[34], bytes[35], bytes[39]) = (1, 2, 3, 6);
        Assert.Equal(
            WordByWord(bytes), InternetChecksum.Fold(InternetChecksum.PseudoHeader(source, destination, 6, 0x10203)));
    }

    /// <summary>RFC 1071 section 4.1, read literally.</summary>
    private static ushort WordByWord(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int index = 0; index < data.Length; index++)
        {
            sum += index % 2 == 0 ? (uint)data[index] << 8 : data[index];
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
