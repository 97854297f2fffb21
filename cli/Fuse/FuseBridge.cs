using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Processes;

namespace RedLeafSharp.Cli.Fuse;

/// <summary>
/// The files of a running system, mounted at a directory of the host. Requests are served by processes of the system, so a program
/// of Linux goes the way that a program of the system goes: personality, file system, shadow, driver.
/// </summary>
internal sealed class FuseBridge : IDisposable
{
    private readonly RedLeafSystem system;
    private readonly FuseDevice device;
    private readonly HostDescriptorWait requests;
    private readonly Thread[] threads;
    private readonly Lock failureLock = new();
    private readonly ManualResetEventSlim ended = new();
    private Exception? failure;
    private int runningCount = FuseLimits.WorkerCount;
    private volatile bool isStopping;
    private bool isDisposed;

    private FuseBridge(RedLeafSystem system, FuseDevice device, FuseSession session)
    {
        this.system = system;
        this.device = device;
        requests = session.Requests;
        threads = [.. Enumerable.Range(0, FuseLimits.WorkerCount).Select(_ => new Thread(() => Run(session)) { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }
    }

    /// <summary>Mounts the files of a system.</summary>
    /// <exception cref="CommandFailure">The mount point is no free directory, or the host does not allow it.</exception>
    internal static FuseBridge Mount(RedLeafSystem system, string mountPoint)
    {
        IFileExport files = system.Provided<IFileExport>()
            ?? throw new CommandFailure("the system has no domain that provides IFileExport");
        ulong root = RootOf(system, files);
        FuseDevice device = FuseDevice.Mount(mountPoint);
        return new FuseBridge(system, device, new FuseSession(device, system.WaitFor(device.Descriptor), files, new NodeTable(root)));
    }

    /// <summary>Waits until the mount has been taken away, by whomever.</summary>
    /// <exception cref="CommandFailure">It has ended since it could not go on.</exception>
    internal void WaitForEnd()
    {
        ended.Wait();
        if (failure is not null)
        {
            throw new CommandFailure(failure.Message);
        }
    }

    /// <summary>Takes the mount away and waits until no request is served any more. Any thread of the host may call it.</summary>
    internal void Unmount()
    {
        if (!ended.IsSet && !device.Unmount())
        {
            // Programs still have files open. The connection ends with this process's descriptor of it.
            isStopping = true;
            requests.Close();
        }

        ended.Wait();
    }

    /// <summary>Ends the mount, if it has not ended; called by one thread.</summary>
    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        Unmount();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        requests.Dispose();
        device.Dispose();
        ended.Dispose();
    }

    private static ulong RootOf(RedLeafSystem system, IFileExport files)
    {
        Reply<FileSystemStatus, Errno> status = Errno.InputOutput;
        system.Run("fuse", (context, _) =>
        {
            status = files.GetStatus(context);
            return ExitCode.Pass;
        });
        return status.IsOk ? status.Value.RootInode : throw new CommandFailure($"the file system answers {status}");
    }

    private void Run(FuseSession session)
    {
        try
        {
            system.Run("fuse", (context, _) =>
            {
                new FuseWorker(session).Run(context, () => isStopping);
                isStopping = true;
                requests.Close();
                return ExitCode.Pass;
            });
        }
        catch (Exception exception) when (exception is IOException or BootException)
        {
            Fail(exception);
        }

        EndOne(session);
    }

    private void Fail(Exception exception)
    {
        lock (failureLock)
        {
            failure ??= exception;
        }

        isStopping = true;
        requests.Close();
        _ = device.Unmount();
    }

    /// <summary>The last one to end gives back what is held for Linux.</summary>
    private void EndOne(FuseSession session)
    {
        if (Interlocked.Decrement(ref runningCount) > 0)
        {
            return;
        }

        try
        {
            system.Run("fuse", (context, posix) =>
            {
                foreach (ulong inode in session.Nodes.Held)
                {
                    _ = session.Files.Release(context, inode);
                }

                return ExitCode.Pass;
            });
        }
        catch (BootException)
        {
            // The system is being shut down. With the unmount nobody holds anything any more.
        }

        ended.Set();
    }
}
