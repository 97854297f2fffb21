using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>The client of the tree copy. An error of the file system ends the round: none is expected.</summary>
internal sealed class TreeClient(WorkloadContext trial, IFileSystem files)
{
    private const string Oracle = "tree-copy";
    private const ulong Root = 2;
    private const uint Permissions = 0x1ED;
    private const int BytesPerCall = 8192;

    private readonly byte[] buffer = new byte[BytesPerCall];
    private readonly Dictionary<string, byte[]> sums = new(StringComparer.Ordinal);
    private TrialRandom random = trial.Random(0);
    private long step;
    private bool isGone;

    internal ulong Digest { get; private set; }

    internal RoundEnd Run(CallContext context)
    {
        ulong source = MakeDirectory(context, Root, $"source-{trial.Round}");
        ulong target = MakeDirectory(context, Root, $"copy-{trial.Round}");
        for (long directory = 0; directory < trial.Option("directories") && !isGone; directory++)
        {
            (ulong from, ulong to) = (MakeDirectory(context, source, $"d{directory}"), MakeDirectory(context, target, $"d{directory}"));
            for (long file = 0; file < trial.Option("files") && !isGone; file++)
            {
                string name = $"f{file}";
                Fill(context, MakeFile(context, from, name), $"d{directory}/{name}");
                Copy(context, Find(context, from, name), MakeFile(context, to, name));
            }
        }

        Succeed(files.Sync(context));
        Compare(context, source);
        Compare(context, target);
        return isGone ? RoundEnd.LegalError : RoundEnd.Completed;
    }

    private void Fill(CallContext context, ulong inode, string path)
    {
        int length = 1 + (int)random.NextBelow((ulong)trial.Option("kibibytes") << 10);
        byte[] content = new byte[length];
        for (int index = 0; index < length; index++)
        {
            content[index] = (byte)random.NextBelow(256);
        }

        sums[path] = SHA256.HashData(content);
        for (int done = 0; done < length && !isGone;)
        {
            done += Succeed(files.Write(context, inode, (ulong)done, content.AsSpan(done, Math.Min(BytesPerCall, length - done))));
        }
    }

    private void Copy(CallContext context, ulong from, ulong to)
    {
        for (ulong done = 0; !isGone;)
        {
            int count = Succeed(files.Read(context, from, done, buffer));
            if (count <= 0)
            {
                return;
            }

            for (int written = 0; written < count && !isGone;)
            {
                written += Succeed(files.Write(context, to, done + (ulong)written, buffer.AsSpan(written, count - written)));
            }

            done += (ulong)count;
        }
    }

    private void Compare(CallContext context, ulong tree)
    {
        foreach ((string path, byte[] sum) in sums)
        {
            string[] names = path.Split('/');
            ulong inode = isGone ? 0 : Find(context, Find(context, tree, names[0]), names[1]);
            byte[] found = isGone ? [] : Hash(context, inode);
            if (!isGone && !found.AsSpan().SequenceEqual(sum))
            {
                trial.Report(ViolationKind.SilentCorruption, Oracle, $"{path} has another hash than what was written");
            }

            Digest = Mixing.Chain(Digest, found);
        }
    }

    private byte[] Hash(CallContext context, ulong inode)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (ulong done = 0; !isGone;)
        {
            int count = Succeed(files.Read(context, inode, done, buffer));
            if (count <= 0)
            {
                break;
            }

            hash.AppendData(buffer, 0, count);
            done += (ulong)count;
        }

        return hash.GetHashAndReset();
    }

    private ulong MakeDirectory(CallContext context, ulong parent, string name) =>
        isGone ? 0 : Succeed(files.Create(context, parent, Encoding.UTF8.GetBytes(name), Contracts.FileMode.Directory | Permissions, 0, 0));

    private ulong MakeFile(CallContext context, ulong parent, string name) =>
        isGone ? 0 : Succeed(files.Create(context, parent, Encoding.UTF8.GetBytes(name), Contracts.FileMode.Regular | Permissions, 0, 0));

    private ulong Find(CallContext context, ulong parent, string name) =>
        isGone ? 0 : Succeed(files.Lookup(context, parent, Encoding.UTF8.GetBytes(name))).Inode;

    private TValue Succeed<TValue>(Reply<TValue, Errno> reply)
        where TValue : unmanaged
    {
        trial.Answer(step++, reply.IsOk, (ulong)reply.Error);
        if (!reply.IsOk)
        {
            isGone = true;
            if (reply.IsFault)
            {
                trial.Report(ViolationKind.Propagated, Oracle, "the file system has died");
            }
            else if (reply.Error is not (Errno.InputOutput or Errno.ReadOnlyFileSystem or Errno.NoDevice))
            {
                trial.Report(ViolationKind.WrongError, Oracle, $"step {step} answered {reply.Error}");
            }
        }

        return reply.Value;
    }
}
