using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace RedLeafSharp.Tests.Support;

/// <summary>A picture as browsers write it: PNG (ISO/IEC 15948) of 8 bits a sample, RGB or RGBA, not interlaced.</summary>
internal sealed class Screenshot
{
    private const int SignatureBytes = 8;
    private readonly byte[] samples;
    private readonly int pixelBytes;

    private Screenshot(int width, int height, int pixelBytes, byte[] samples)
    {
        (Width, Height, this.pixelBytes, this.samples) = (width, height, pixelBytes, samples);
    }

    internal int Width { get; }

    internal int Height { get; }

    internal static Screenshot Read(byte[] file)
    {
        (int width, int height, int pixelBytes) = (0, 0, 0);
        var packed = new MemoryStream();
        for (int at = SignatureBytes; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            ReadOnlySpan<byte> data = file.AsSpan(at + 8, length);
            switch (Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    (width, height) = (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]));
                    bool isKnown = data[8] == 8 && data[9] is 2 or 6 && data[12] == 0;
                    pixelBytes = isKnown ? (data[9] == 2 ? 3 : 4) : throw new InvalidDataException("a kind of PNG that browsers do not write");
                    break;
                case "IDAT":
                    packed.Write(data);
                    break;
            }

            at += length + 12;
        }

        packed.Position = 0;
        using var unpacked = new ZLibStream(packed, CompressionMode.Decompress);
        byte[] samples = new byte[width * height * pixelBytes];
        byte[] line = new byte[width * pixelBytes];
        for (int row = 0; row < height; row++)
        {
            int filter = unpacked.ReadByte();
            unpacked.ReadExactly(line);
            Unfilter(filter, line, samples, row * line.Length, pixelBytes);
        }

        return new Screenshot(width, height, pixelBytes, samples);
    }

    /// <summary>How many colours there are in a part of the picture; what is outside has none.</summary>
    internal int ColorsIn(int left, int top, int width, int height)
    {
        var colors = new HashSet<int>();
        for (int y = Math.Max(0, top); y < Math.Min(Height, top + height); y++)
        {
            for (int x = Math.Max(0, left); x < Math.Min(Width, left + width); x++)
            {
                int at = ((y * Width) + x) * pixelBytes;
                colors.Add((samples[at] << 16) | (samples[at + 1] << 8) | samples[at + 2]);
            }
        }

        return colors.Count;
    }

    /// <summary>Section 9.2 of the specification.</summary>
    private static void Unfilter(int filter, byte[] line, byte[] samples, int start, int pixelBytes)
    {
        for (int index = 0; index < line.Length; index++)
        {
            int left = index >= pixelBytes ? samples[start + index - pixelBytes] : 0;
            int above = start >= line.Length ? samples[start + index - line.Length] : 0;
            int corner = index >= pixelBytes && start >= line.Length ? samples[start + index - line.Length - pixelBytes] : 0;
            samples[start + index] = (byte)(line[index] + filter switch
            {
                0 => 0,
                1 => left,
                2 => above,
                3 => (left + above) / 2,
                _ => Paeth(left, above, corner),
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        (int a, int b, int c) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }
}
