using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Packages;
using RedLeafSharp.Tests.Systems;

namespace RedLeafSharp.Tests.Boot;

/// <summary>
/// The parsers of what a stranger may hand to the kernel as text: manifest, system file, signature of a package, key. Each file is read, or
/// refused by a <see cref="BootException"/> of one line that begins with its name; within bounds of memory and time.
/// </summary>
internal sealed class ParserFuzz : IDisposable
{
    /// <summary>Every so many files the kinds begin again with a seed of their own: a failure is found again without all before it.</summary>
    private const int FilesPerSeed = 1_000;

    /// <summary>A tree of the largest file that the mutator makes takes a tenth.</summary>
    private const long AllocatedBytesMax = 64L << 20;

    /// <summary>A hang is what takes thousands of times as long as any other file, on a loaded machine too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int MessageCharactersMax = 1_000;

    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-parsers-").FullName;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Dictionary<string, byte[]> files = new(StringComparer.Ordinal)
    {
        ["domain.yaml"] = [1],
        ["Domain.dll"] = [2, 3],
        ["Domain.pdb"] = [],
    };

    private readonly string signature;
    private readonly TrustedKeys trusted;
    private readonly Kind[] kinds;
    private long filesDone;

    private ParserFuzz()
    {
        signature = PackageSignature.Sign(files, key);
        string pem = key.ExportSubjectPublicKeyInfoPem();
        File.WriteAllText(PathOf("trusted.pem"), pem);
        trusted = TrustedKeys.Read([PathOf("trusted.pem")], isRequired: true);
        kinds =
        [
            new("manifest", FuzzSeeds.Manifests(TestSystem.DomainsFolder), ReadManifest),
            new("system file", FuzzSeeds.SystemFiles, bytes => SystemDescription.Parse(PathOf("system.yaml"), TextOf(bytes))),
            new("signature", [signature], ReadSignature),
            new("key", [pem, key.ExportECPrivateKeyPem()], ReadKey),
        ];
    }

    /// <summary>Tries files of all kinds in turn.</summary>
    /// <returns>Whether each was read or refused as it must be.</returns>
    internal static bool RunAll(int count, int seed, TextWriter output)
    {
        using var fuzz = new ParserFuzz();
        string? failure = null;
        var work = new Thread(() => failure = fuzz.Run(count, seed)) { IsBackground = true };
        work.Start();
        long start = Stopwatch.GetTimestamp();
        for (long before = -1; !work.Join(Patience); before = fuzz.filesDone)
        {
            if (Volatile.Read(ref fuzz.filesDone) == before)
            {
                failure = $"file {before} from seed {seed} hangs its parser";
                break;
            }
        }

        foreach (Kind kind in fuzz.kinds)
        {
            output.WriteLine($"{kind.Name,-12} {kind.Read,8} read {kind.Refused,8} refused {kind.Messages.Count,6} messages, "
                + $"at most {kind.AllocatedBytesMax >> 10} KiB allocated");
        }

        output.WriteLine(failure ?? $"{count} files, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        return failure is null;
    }

    public void Dispose()
    {
        trusted.Dispose();
        key.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string? Run(int count, int seed)
    {
        for (int file = 0; file < count; file++)
        {
            Kind kind = kinds[file % kinds.Length];
            if (file % FilesPerSeed < kinds.Length)
            {
                kind.Mutator = new TextMutator(kind.Valid, seed + file);
            }

            byte[] bytes = kind.Mutator!.Next();
            if (Try(kind, bytes) is { } failure)
            {
                return $"{kind.Name}, file {file} from seed {seed}: {failure}\n{Convert.ToBase64String(bytes)}";
            }

            Volatile.Write(ref filesDone, file + 1);
        }

        return null;
    }

    private string? Try(Kind kind, byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            kind.Parse(bytes);
            kind.Read++;
        }
        catch (BootException exception)
        {
            kind.Refused++;
            kind.Messages.Add(new string([.. exception.Message.Where(letter => !char.IsDigit(letter)).Take(60)]));
            if (ObjectionTo(exception.Message) is { } objection)
            {
                return $"{objection}: {exception.Message}";
            }
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        kind.AllocatedBytesMax = Math.Max(kind.AllocatedBytesMax, allocated);
        return allocated <= AllocatedBytesMax ? null : $"{allocated} bytes allocated for a file of {bytes.Length}";
    }

    /// <summary>A message goes into a log and onto a terminal, and its reader has to find the file.</summary>
    private string? ObjectionTo(string message) =>
        message.Any(char.IsControl) || message.AsSpan().ContainsAny('\u2028', '\u2029') ? "a message with control characters"
        : message.Length > MessageCharactersMax ? "a message that is too long"
        : message.StartsWith(folder, StringComparison.Ordinal) ? null : "a message without the file's name";

    private void ReadManifest(byte[] bytes)
    {
        DomainManifest manifest = DomainManifest.Parse(PathOf("domain.yaml"), TextOf(bytes));
        if (Path.GetFileName(manifest.Assembly) != manifest.Assembly)
        {
            throw new InvalidOperationException($"the manifest leads out of its folder: '{manifest.Assembly}'");
        }
    }

    /// <summary>Whatever is accepted names the files that were signed, with their hashes.</summary>
    private void ReadSignature(byte[] bytes)
    {
        string text = TextOf(bytes);
        string signed = signature[..signature.LastIndexOf("signature: ", StringComparison.Ordinal)];
        trusted.Check(folder, text, files);
        if (!text.StartsWith(signed, StringComparison.Ordinal))
        {
            throw new InvalidOperationException("an altered list of files was accepted");
        }
    }

    private void ReadKey(byte[] bytes)
    {
        File.WriteAllBytes(PathOf("key.pem"), bytes);
        using ECDsa read = TrustedKeys.ReadKey(PathOf("key.pem"));
        _ = TrustedKeys.NameOf(read);
    }

    private string PathOf(string file) => Path.Combine(folder, file);

    private static string TextOf(byte[] bytes) => new StreamReader(new MemoryStream(bytes), Encoding.UTF8).ReadToEnd();

    private sealed class Kind(string name, string[] valid, Action<byte[]> parse)
    {
        internal string Name { get; } = name;

        internal string[] Valid { get; } = valid;

        internal Action<byte[]> Parse { get; } = parse;

        internal TextMutator? Mutator { get; set; }

        internal int Read { get; set; }

        internal int Refused { get; set; }

        internal HashSet<string> Messages { get; } = [];

        internal long AllocatedBytesMax { get; set; }
    }
}
