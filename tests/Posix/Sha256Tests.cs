using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Posix.Programs;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>SHA-256 against the examples of FIPS 180-4 and against the runtime's.</summary>
public sealed class Sha256Tests
{
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Digest_OfTheStandardsExamples_IsTheStandards(string message, string expected)
    {
        Assert.Equal(expected, Digest(Encoding.ASCII.GetBytes(message), int.MaxValue));
    }

    [Fact]
    public void Digest_OfAnyLengthInAnyPieces_IsTheRuntimes()
    {
        var random = new Random(1);
        for (int length = 0; length < 1300; length += 1 + random.Next(3))
        {
            byte[] message = new byte[length];
            random.NextBytes(message);

            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(message)), Digest(message, random.Next(1, 1000)));
        }
    }

    private static string Digest(byte[] message, int pieceBytes)
    {
        var hash = new Sha256();
        for (int position = 0; position < message.Length; position += Math.Min(pieceBytes, message.Length - position))
        {
            hash.Append(message.AsSpan(position, Math.Min(pieceBytes, message.Length - position)));
        }

        byte[] digest = new byte[Sha256.DigestBytes];
        hash.Finish(digest);
        return Convert.ToHexStringLower(digest);
    }
}
