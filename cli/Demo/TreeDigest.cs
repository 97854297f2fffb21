using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Demo;

/// <summary>The host's knowledge of a tree: the SHA-256 sum of each regular file, by its path from the tree's root.</summary>
internal sealed class TreeDigest
{
    private readonly string hostFolder;
    private readonly SortedDictionary<string, string> sums = new(StringComparer.Ordinal);

    private TreeDigest(string hostFolder) => this.hostFolder = hostFolder;

    /// <summary>The list as sha256sum(1) writes and checks it.</summary>
    internal byte[] List => Encoding.UTF8.GetBytes(string.Concat(sums.Select(pair => LineOf(pair.Key, pair.Value))));

    internal bool IsEmpty => sums.Count == 0;

    internal static TreeDigest Compute(string hostFolder)
    {
        var digest = new TreeDigest(hostFolder);
        digest.Add("");
        return digest;
    }

    /// <summary>Compares a copy inside the system with the host's files, by sum and byte by byte.</summary>
    internal Verification Compare(GuestFiles files, string folder)
    {
        int right = 0;
        long bytesBad = 0;
        string firstDifference = "";
        foreach ((string path, string sum) in sums)
        {
            FileDifference difference = CompareFile(files, GuestFiles.Combine(folder, path), Path.Combine(hostFolder, path), sum);
            bytesBad += difference.BytesBad;
            if (difference is { BytesBad: 0, HasSameSum: true })
            {
                right++;
            }
            else if (firstDifference.Length == 0)
            {
                firstDifference = path;
            }
        }

        return new Verification(sums.Count, right, bytesBad, firstDifference);
    }

    /// <summary>A name with a backslash or a line's end is escaped, and a backslash before the line says so.</summary>
    private static string LineOf(string path, string sum)
    {
        string escaped = path.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r");
        return $"{(escaped == path ? "" : "\\")}{sum}  {escaped}\n";
    }

    private static FileDifference CompareFile(GuestFiles files, string path, string hostPath, string sum)
    {
        byte[] expected = File.ReadAllBytes(hostPath);
        if (!files.Exists(path))
        {
            return new FileDifference(expected.Length, false);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[TreeImport.TransferBytes];
        long position = 0;
        long bytesBad = 0;
        int descriptor = files.Open(path, OpenFlags.ReadOnly);
        while (files.Read(path, descriptor, buffer) is var length and > 0)
        {
            ReadOnlySpan<byte> actual = buffer.AsSpan(0, length);
            hash.AppendData(actual);
            bytesBad += CountDifferent(expected.AsSpan((int)Math.Min(position, expected.Length)), actual);
            position += length;
        }

        files.Close(descriptor);
        bytesBad += Math.Max(0, expected.Length - position);
        return new FileDifference(bytesBad, Convert.ToHexStringLower(hash.GetHashAndReset()) == sum);
    }

    private static long CountDifferent(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        int common = Math.Min(expected.Length, actual.Length);
        long different = actual.Length - common;
        if (!expected[..common].SequenceEqual(actual[..common]))
        {
            for (int index = 0; index < common; index++)
            {
                different += expected[index] == actual[index] ? 0 : 1;
            }
        }

        return different;
    }

    private void Add(string folder)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(Path.Combine(hostFolder, folder)))
        {
            string relative = Path.GetRelativePath(hostFolder, path);
            switch (HostFile.Read(path).Type)
            {
                case FileType.Directory:
                    Add(relative);
                    break;
                case FileType.Regular:
                    using (FileStream file = File.OpenRead(path))
                    {
                        sums[relative] = Convert.ToHexStringLower(SHA256.HashData(file));
                    }

                    break;
            }
        }
    }

    private readonly record struct FileDifference(long BytesBad, bool HasSameSum);
}
